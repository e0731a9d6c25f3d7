"""Widgets shared by every area: each knows the theme and nothing of the business."""
