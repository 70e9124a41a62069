"""What tests share: a movable clock, a served app, a tenant with its clients."""
