"""gRPC's interop cases for llara's protocol: one program that shows whether a server keeps to WIRE.md."""
