"""The same index run on a Ray cluster: many machines read and hear, one of them keeps."""
