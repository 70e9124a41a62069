"""PostgreSQL for every repository: connections, transactions, the schema, paging, row mapping."""
