"""A protoc plugin that runs the gRPC Python generator inside grpcio-tools.

grpcio-tools builds that generator into its own protoc instead of shipping it as a
plugin; this hands it the descriptors that `buf generate` sends and returns its files.
See https://protobuf.dev/reference/other/#plugins for the protocol.
"""

import sys
import tempfile
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc


def generate(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    with tempfile.TemporaryDirectory() as directory:
        descriptors = Path(directory, "descriptors.binpb")
        descriptors.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
        out = Path(directory, "out")
        out.mkdir()
        exit_code = protoc.main(
            [
                "protoc",
                f"--descriptor_set_in={descriptors}",
                f"--grpc_python_out={out}",
                *request.file_to_generate,
            ]
        )
        if exit_code:
            response.error = f"protoc ended with {exit_code}"
            return response
        for file in sorted(out.rglob("*.py")):
            response.file.add(name=file.relative_to(out).as_posix(), content=file.read_text())
    return response


if __name__ == "__main__":
    request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(request).SerializeToString())
