-- What a snapshot of a venue's week looks at besides what desk.roster reads: whether a parent's telephone number changed.

GRANT SELECT (changed_xid) ON users TO console_api;
