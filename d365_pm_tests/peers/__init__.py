"""Other people's readers against the sandbox: `make peers`. What they read must be what the environment holds."""
