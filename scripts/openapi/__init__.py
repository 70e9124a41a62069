"""Renders the REST contract as OpenAPI, 3.1 and 3.0, from the proto files alone.

protoc-gen-openapiv3 cannot carry it: that names fields in camelCase, writes a document a file,
and knows no `null`, no bounds (protovalidate), no `auth_policy` and no errors of ours.
"""
