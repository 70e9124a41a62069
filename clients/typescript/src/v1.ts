/** The messages, enums and services of `phoenix_coupons.v1`, and what makes them and prints them. */
export { create, fromJson, toJson } from "@bufbuild/protobuf";
export * from "./gen/phoenix_coupons/v1/auth_policy_pb.js";
export * from "./gen/phoenix_coupons/v1/coupon_admin_pb.js";
export * from "./gen/phoenix_coupons/v1/coupon_jobs_pb.js";
export * from "./gen/phoenix_coupons/v1/coupon_query_pb.js";
export * from "./gen/phoenix_coupons/v1/coupons_pb.js";
export * from "./gen/phoenix_coupons/v1/definitions_pb.js";
export * from "./gen/phoenix_coupons/v1/error_reason_pb.js";
export * from "./gen/phoenix_coupons/v1/event_ingest_pb.js";
export * from "./gen/phoenix_coupons/v1/events_pb.js";
export * from "./gen/phoenix_coupons/v1/grant_delivery_pb.js";
export * from "./gen/phoenix_coupons/v1/guessing_pb.js";
export * from "./gen/phoenix_coupons/v1/jobs_pb.js";
export * from "./gen/phoenix_coupons/v1/rewards_pb.js";
export * from "./gen/phoenix_coupons/v1/tenant_admin_pb.js";
export * from "./gen/phoenix_coupons/v1/webhooks_pb.js";
