"""The desk's list of what the server refused after it had happened."""
