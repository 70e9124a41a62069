"""The commands of operators, which join `coupons` where the server is installed."""

from phoenix_coupons_cli.server import Added

COMMANDS = {
    "serve": Added("coupon_server.cli.serve:serve", "Serve gRPC."),
    "dev": Added(
        "coupon_server.cli.dev:dev",
        "Start PostgreSQL, the service and its REST edge, with a demo tenant.",
    ),
    "consume": Added("coupon_server.cli.consume:consume", "Take events from NATS JetStream."),
    "migrate": Added(
        "coupon_server.cli.migrate:migrate", "Bring the database to the current schema."
    ),
    "tenants": Added(
        "coupon_server.cli.tenants:tenants", "Create, list and limit tenants (operators)."
    ),
    "descriptors": Added(
        "coupon_server.cli.descriptors:descriptors", "Write the contract for a transcoding proxy."
    ),
    "secrets generate-master-key": Added("coupon_server.cli.secrets:generate_master_key"),
    "secrets reencrypt": Added("coupon_server.cli.secrets:reencrypt"),
}
"""The entry point: what is typed after `coupons`, to the command."""
