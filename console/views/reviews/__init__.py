"""What a manager has to look at: facts side by side, what each decision costs, and deciding."""
