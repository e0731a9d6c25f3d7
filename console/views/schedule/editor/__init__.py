"""The side panel of the schedule: forms, the preview of what they would do, and the one way to save."""
