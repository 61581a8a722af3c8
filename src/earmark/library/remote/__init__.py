"""Files beyond the file system, `s3://bucket/prefix`: addresses, listings, bytes."""
