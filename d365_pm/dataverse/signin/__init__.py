"""The kinds of sign-in. `auth.py` beside this folder is the door to them."""
