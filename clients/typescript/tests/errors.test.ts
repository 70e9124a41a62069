import assert from "node:assert/strict";
import http2 from "node:http2";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";

import { ApiKeyCredential, CouponsClient, CouponsError, Reason } from "../src/index.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "../src/gen/google/rpc/error_details_pb.js";
import { ErrorReasonSchema } from "../src/gen/phoenix_coupons/v1/error_reason_pb.js";
import { Failure, Service } from "./service.js";

async function failed(
  failure: Failure,
  more: http2.OutgoingHttpHeaders = {},
): Promise<CouponsError> {
  await using service = await Service.start();
  service.handle = ({ stream }) => {
    const headers = { ":status": 200, "content-type": "application/grpc" };
    stream.respond({ ...headers, ...failure.trailers(), ...more }, { endStream: true });
    return Promise.resolve();
  };
  using client = new CouponsClient(service.address, new ApiKeyCredential("pk_" + "x".repeat(43)));
  const error: unknown = await client.query.redeemCoupon({}).catch((error: unknown) => error);
  assert.ok(error instanceof CouponsError);
  return error;
}

test("an error tells all that the service said", async () => {
  const error = await failed(
    new Failure(3, "100 % wrong: ‘код’")
      .with(
        ErrorInfoSchema,
        create(ErrorInfoSchema, {
          reason: "INVALID_FIELD",
          domain: "coupons.phoenix",
          metadata: { field: "code" },
        }),
      )
      .with(
        BadRequestSchema,
        create(BadRequestSchema, { fieldViolations: [{ field: "code", description: "too long" }] }),
      )
      .with(
        RetryInfoSchema,
        create(RetryInfoSchema, { retryDelay: { seconds: 1n, nanos: 500_000_000 } }),
      ),
  );
  assert.equal(error.code, "INVALID_ARGUMENT");
  assert.equal(error.reason, Reason.INVALID_FIELD);
  assert.equal(error.message, "100 % wrong: ‘код’");
  assert.deepEqual(error.metadata, { field: "code" });
  assert.deepEqual(error.fieldViolations, [{ field: "code", description: "too long" }]);
  assert.equal(error.retryDelayMs, 1500);
  assert.equal(error.callId, "req-1");
});

test("an error without details has its code and message", async () => {
  const error = await failed(new Failure(5, "gone"));
  assert.deepEqual(
    [error.code, error.message, error.reason, error.metadata, error.fieldViolations],
    ["NOT_FOUND", "gone", "", {}, []],
  );
  assert.equal(error.retryDelayMs, undefined);
  assert.match(String(error), /^CouponsError: gone/);
});

test("details that can't be decoded, or contradict it, leave the status as it is", async () => {
  const info = create(ErrorInfoSchema, { reason: "COUPON_NOT_FOUND" });
  const contradicting = new Failure(13, "fault").with(ErrorInfoSchema, info).trailers();
  const fine = new Failure(0, "").trailers();
  const ofKey = (trailers: http2.OutgoingHttpHeaders) => trailers["grpc-status-details-bin"];
  for (const details of ["////", "%", "AAAA", ofKey(contradicting), ofKey(fine)]) {
    const error = await failed(new Failure(5, "gone"), { "grpc-status-details-bin": details });
    assert.equal(error.code, "NOT_FOUND", String(details));
    assert.equal(error.callId, "req-1");
  }
  const more = { "grpc-status-details-bin": ofKey(contradicting) };
  assert.equal((await failed(new Failure(5, "gone"), more)).reason, "COUPON_NOT_FOUND");
  const undecodable = new Failure(5, "gone");
  undecodable.details.push(
    create(AnySchema, {
      typeUrl: "type.googleapis.com/google.rpc.ErrorInfo",
      value: Uint8Array.of(255, 255),
    }),
  );
  const error = await failed(undecodable);
  assert.deepEqual([error.code, error.reason, error.message], ["NOT_FOUND", "", "gone"]);
});

test("a message that is not percent-encoded, or a code that is unknown, is read as gRPC does", async () => {
  const without = { "grpc-status-details-bin": "" };
  for (const [sent, read] of [
    ["50% off", "50% off"],
    ["100%", "100%"],
    ["%ff%41", "\ufffdA"],
  ]) {
    const error = await failed(new Failure(5, ""), { ...without, "grpc-message": sent });
    assert.deepEqual([error.code, error.message], ["NOT_FOUND", read]);
  }
  const error = await failed(new Failure(99, "new"), without);
  assert.equal(error.code, "UNKNOWN");
});

test("a reason newer than the client is kept", async () => {
  const info = create(ErrorInfoSchema, { reason: "BRAND_NEW" });
  assert.equal(
    (await failed(new Failure(9, "no").with(ErrorInfoSchema, info))).reason,
    "BRAND_NEW",
  );
});

test("every gRPC code has its name", async () => {
  const names = [
    "CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS",
    "PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED",
    "INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED",
  ].flatMap((line) => line.split(" "));
  const errors = await Promise.all(names.map((_, index) => failed(new Failure(index + 1, "no"))));
  assert.deepEqual(
    errors.map((error) => error.code),
    names,
  );
});

test("Reason mirrors ErrorReason", () => {
  const names = ErrorReasonSchema.values.filter((value) => value.number).map((value) => value.name);
  assert.deepEqual(Object.keys(Reason), names);
});
