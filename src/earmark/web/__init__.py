"""The page, the REST API and the MCP tools: one library for a browser, a program, an assistant."""
