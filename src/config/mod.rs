//! golive.toml, checklists, themes, keymap and paths; errors with file, line and column.
