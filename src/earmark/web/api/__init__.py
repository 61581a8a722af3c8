"""What each address of the API does; `table.py` lists them."""
