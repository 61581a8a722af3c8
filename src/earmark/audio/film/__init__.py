"""Films: files whose sound is searched, and which have something to be seen as well."""
