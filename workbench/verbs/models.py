"""Verbs on models: register, list, check, remove, and who descends from whom."""

from arena.errors import Conflict, InvalidInput
from arena.types import ModelSpec
from workbench.home import Home


class ModelVerbs(Home):
    """What people do with models."""

    def add_model(self, spec: ModelSpec, *, replace: bool = False) -> ModelSpec:
        """Register a model under a new name.

        Raises:
            InvalidInput: the name is blank, an option is unknown, or a key stands where its variable's name belongs.
            NotFound: the parent is not registered.
            Conflict: the name is taken and `replace` is false.
        """
        if not spec.name.strip():
            raise InvalidInput("The model has no name: give it one.")
        if "api_key" in spec.options:
            raise InvalidInput(
                "Keys are not stored: put the key into an environment variable and name that variable in `api_key_env`."
            )
        if spec.parent is not None:
            self.store.models.get(spec.parent)
        if spec.parent == spec.name:
            raise Conflict(f"The model {spec.name!r} cannot be its own parent.")
        self.open_model(spec)
        spec = self.portable(spec)
        self.store.models.add(spec, replace=replace)
        return spec

    def list_models(self) -> list[ModelSpec]:
        """Return the registered models, in the order they came."""
        return self.store.models.list()

    async def check_model(self, name: str) -> str:
        """Ask the model for a few tokens and return one line saying that it answers.

        Raises:
            NotFound: no model of that name.
            ModelFailed: it does not answer; the message says why.
        """
        return await self.pool.check(self.resolved(self.store.models.get(name)))

    def remove_model(self, name: str) -> None:
        """Take a model out of the arena; its votes and answers stay."""
        self.store.models.remove(name)

    def lineage(self, name: str) -> list[ModelSpec]:
        """Return the model's ancestors, oldest first, and the model itself last."""
        specs = {spec.name: spec for spec in self.list_models()}
        chain = [self.store.models.get(name)]
        while (parent := chain[0].parent) is not None and parent in specs and specs[parent] not in chain:
            chain.insert(0, specs[parent])
        return chain
