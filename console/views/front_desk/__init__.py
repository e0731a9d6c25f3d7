"""The front desk: the Today screen and its parts."""
