"""The pages before the rail: sign-in, and connecting this desk to a server."""
