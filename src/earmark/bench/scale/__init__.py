"""What a library costs a moment, measured up to millions, and what that makes of a billion."""
