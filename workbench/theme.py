"""The look as Gradio settings: every colour is a CSS variable of `assets/app.css`, so light and dark differ there.

Each colour setting and its `_dark` twin get the same `var(--…)` text; without the twin Gradio resolves the value once,
for the light page, and the dark page keeps it. The fonts are the bundled ones whose files hold the whole Latin alphabet
(regular and bold of IBM Plex); nothing is fetched from elsewhere.
"""

import inspect

import gradio as gr
from gradio.themes.utils.fonts import LocalFont

_WEIGHTS = (400, 700)

_COLOURS = {
    "var(--page)": ("body_background_fill", "background_fill_secondary"),
    "var(--surface)": (
        "background_fill_primary", "block_background_fill", "panel_background_fill", "input_background_fill",
        "input_background_fill_focus", "input_background_fill_hover", "checkbox_background_color",
        "checkbox_background_color_focus", "checkbox_background_color_hover", "checkbox_label_background_fill",
        "button_secondary_background_fill", "button_cancel_background_fill", "table_even_background_fill",
        "table_odd_background_fill", "block_label_background_fill",
        "error_background_fill",
    ),
    "var(--sunk)": (
        "button_secondary_background_fill_hover", "button_cancel_background_fill_hover", "stat_background_fill",
        "checkbox_label_background_fill_hover", "color_accent_soft", "table_row_focus",
    ),
    "var(--code)": ("code_background_fill",),
    "var(--line)": (
        "border_color_primary", "border_color_accent_subdued", "block_border_color", "panel_border_color",
        "table_border_color", "block_label_border_color", "block_title_border_color",
    ),
    "var(--line2)": (
        "input_border_color", "checkbox_border_color", "checkbox_border_color_hover", "checkbox_label_border_color",
        "button_secondary_border_color", "checkbox_label_border_color_hover",
    ),
    "var(--text)": (
        "body_text_color", "accordion_text_color", "table_text_color", "checkbox_label_text_color",
        "button_secondary_text_color", "button_secondary_text_color_hover", "button_secondary_border_color_hover",
        "input_border_color_hover",
    ),
    "var(--muted)": (
        "body_text_color_subdued", "block_info_text_color", "block_label_text_color", "block_title_text_color",
        "input_placeholder_color", "loader_color",
    ),
    "var(--ink)": (
        "button_primary_background_fill", "button_primary_border_color", "button_primary_border_color_hover",
        "checkbox_background_color_selected", "checkbox_border_color_selected", "checkbox_label_border_color_selected",
        "checkbox_label_background_fill_selected", "slider_color", "color_accent", "border_color_accent",
    ),
    "var(--ink-hover)": ("button_primary_background_fill_hover",),
    "var(--ink-text)": (
        "button_primary_text_color", "button_primary_text_color_hover", "checkbox_label_text_color_selected",
    ),
    "var(--focus)": (
        "input_border_color_focus", "checkbox_border_color_focus", "link_text_color", "link_text_color_active",
        "link_text_color_hover", "link_text_color_visited",
    ),
    "var(--bad)": (
        "button_cancel_text_color", "button_cancel_text_color_hover", "button_cancel_border_color",
        "button_cancel_border_color_hover", "error_border_color", "error_text_color", "error_icon_color",
    ),
    "transparent": ("block_title_background_fill",),
    "none": (
        "shadow_drop", "shadow_drop_lg", "shadow_inset", "block_shadow", "block_label_shadow", "input_shadow",
        "input_shadow_focus", "checkbox_shadow", "checkbox_label_shadow", "checkbox_label_shadow_hover",
        "checkbox_label_shadow_active", "button_primary_shadow", "button_primary_shadow_hover",
        "button_primary_shadow_active", "button_secondary_shadow", "button_secondary_shadow_hover",
        "button_secondary_shadow_active", "button_cancel_shadow", "button_cancel_shadow_hover",
        "button_cancel_shadow_active",
    ),
}  # fmt: skip

_GEOMETRY = {
    "body_text_size": "14px",
    "block_border_width": "0px",
    "block_padding": "0px",
    "block_radius": "10px",
    "container_radius": "10px",
    "block_title_text_size": "12.5px",
    "block_title_text_weight": "700",
    "block_label_text_size": "12.5px",
    "block_info_text_size": "12.5px",
    "form_gap_width": "12px",
    "layout_gap": "12px",
    "section_header_text_size": "15px",
    "section_header_text_weight": "700",
    "prose_text_size": "15px",
    "prose_header_text_weight": "700",
    "checkbox_label_text_size": "13.5px",
    "checkbox_label_padding": "5px 12px",
    "checkbox_label_gap": "6px",
    "checkbox_border_radius": "4px",
    "checkbox_label_border_width": "1px",
    "input_text_size": "14px",
    "input_padding": "8px 12px",
    "input_radius": "7px",
    "input_border_width": "1px",
    "button_border_width": "1px",
    "button_transition": "none",
    "button_large_padding": "8px 16px",
    "button_large_radius": "8px",
    "button_large_text_size": "14px",
    "button_large_text_weight": "700",
    "button_medium_padding": "8px 16px",
    "button_medium_radius": "8px",
    "button_medium_text_size": "14px",
    "button_medium_text_weight": "700",
    "button_small_padding": "5px 12px",
    "button_small_radius": "8px",
    "button_small_text_size": "13px",
    "button_small_text_weight": "700",
    "table_radius": "10px",
}


def build_theme() -> gr.themes.Base:
    """Return the theme; light and dark differ only in what the CSS variables say."""
    known = set(inspect.signature(gr.themes.Base.set).parameters)
    values: dict[str, str] = dict(_GEOMETRY)
    for colour, names in _COLOURS.items():
        for name in names:
            values[name] = colour
            if f"{name}_dark" in known:
                values[f"{name}_dark"] = colour
    theme = gr.themes.Base(
        font=(LocalFont("IBM Plex Sans", weights=_WEIGHTS), "system-ui", "sans-serif"),
        font_mono=(LocalFont("IBM Plex Mono", weights=_WEIGHTS), "ui-monospace", "monospace"),
    )
    return theme.set(**values)
