package coupons

// A Reason says why a call failed. The constants are the names of couponsv1.ErrorReason,
// whose comments say when each is sent; the service may send newer ones.
type Reason string

// The reasons that this client knows.
const (
	ReasonCouponNotFound          Reason = "COUPON_NOT_FOUND"
	ReasonCouponNotYetActive      Reason = "COUPON_NOT_YET_ACTIVE"
	ReasonCouponExpired           Reason = "COUPON_EXPIRED"
	ReasonCouponAlreadyRedeemed   Reason = "COUPON_ALREADY_REDEEMED"
	ReasonCouponLimitReached      Reason = "COUPON_LIMIT_REACHED"
	ReasonCouponRevoked           Reason = "COUPON_REVOKED"
	ReasonCouponNotAssigned       Reason = "COUPON_NOT_ASSIGNED"
	ReasonCouponUnavailable       Reason = "COUPON_UNAVAILABLE"
	ReasonRequestIDReused         Reason = "REQUEST_ID_REUSED"
	ReasonInvalidField            Reason = "INVALID_FIELD"
	ReasonMalformedMessage        Reason = "MALFORMED_MESSAGE"
	ReasonInvalidPageToken        Reason = "INVALID_PAGE_TOKEN"
	ReasonCredentialInvalid       Reason = "CREDENTIAL_INVALID"
	ReasonCredentialNotAllowed    Reason = "CREDENTIAL_NOT_ALLOWED"
	ReasonRewardItemNotFound      Reason = "REWARD_ITEM_NOT_FOUND"
	ReasonRewardItemInUse         Reason = "REWARD_ITEM_IN_USE"
	ReasonDefinitionNotFound      Reason = "DEFINITION_NOT_FOUND"
	ReasonDefinitionArchived      Reason = "DEFINITION_ARCHIVED"
	ReasonDefinitionPaused        Reason = "DEFINITION_PAUSED"
	ReasonDefinitionExpired       Reason = "DEFINITION_EXPIRED"
	ReasonDefinitionFieldFixed    Reason = "DEFINITION_FIELD_FIXED"
	ReasonLimitBelowUsage         Reason = "LIMIT_BELOW_USAGE"
	ReasonEtagMismatch            Reason = "ETAG_MISMATCH"
	ReasonCodeTaken               Reason = "CODE_TAKEN"
	ReasonKeySpaceTooSmall        Reason = "KEY_SPACE_TOO_SMALL"
	ReasonIssueLimitReached       Reason = "ISSUE_LIMIT_REACHED"
	ReasonRedemptionNotFound      Reason = "REDEMPTION_NOT_FOUND"
	ReasonRedemptionNotReversible Reason = "REDEMPTION_NOT_REVERSIBLE"
	ReasonAPIKeyNotFound          Reason = "API_KEY_NOT_FOUND"
	ReasonTenantSecretNotFound    Reason = "TENANT_SECRET_NOT_FOUND"
	ReasonTenantSecretCurrent     Reason = "TENANT_SECRET_CURRENT"
	ReasonGenerationNotFound      Reason = "GENERATION_NOT_FOUND"
	ReasonRevocationNotFound      Reason = "REVOCATION_NOT_FOUND"
	ReasonTooManyJobs             Reason = "TOO_MANY_JOBS"
	ReasonInternalFault           Reason = "INTERNAL_FAULT"
	ReasonServiceUnavailable      Reason = "SERVICE_UNAVAILABLE"
	ReasonPathNotFound            Reason = "PATH_NOT_FOUND"
	ReasonMethodNotAllowed        Reason = "METHOD_NOT_ALLOWED"
	ReasonBodyTooLarge            Reason = "BODY_TOO_LARGE"
	ReasonDeadlineExceeded        Reason = "DEADLINE_EXCEEDED"
)
