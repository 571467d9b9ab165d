"""Votes into weights: preference data, reward models and DPO on QLoRA adapters, each run in a process of its own.

Importing the package, creating a run and watching it cost next to nothing; torch, transformers and TRL are loaded by
the process of a run (`python -m training FOLDER`) and by the reward scorer only.
"""
