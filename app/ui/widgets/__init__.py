"""The desktop's own small widgets: cards, tiles, tables, toasts, pickers."""
