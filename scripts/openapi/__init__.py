"""Renders the REST contract as an OpenAPI 3.1 document, from the proto files alone.

protoc-gen-openapiv3 cannot carry it: that names fields in camelCase, writes a document a file,
and knows no `null`, no bounds (protovalidate), no `auth_policy` and no errors of ours.
"""
