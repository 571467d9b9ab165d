"""What the tabs show, as functions from values to HTML; nothing here calls a verb or knows Gradio."""
