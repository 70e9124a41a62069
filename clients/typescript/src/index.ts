/** Typed client of the Phoenix coupon service; messages are in `@phoenix-coupons/client/v1`. */
export { CouponsClient } from "./client.js";
export {
  AdminToken,
  ApiKeyCredential,
  BearerToken,
  Hmac,
  TenantToken,
  type Credential,
  type TenantTokenOptions,
  type TokenOptions,
} from "./credentials.js";
export { CouponsError, Reason, type InvalidField, type StatusCode } from "./errors.js";
export type { ClientOptions, Pem, TlsOptions } from "./options.js";
