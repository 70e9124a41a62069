"use strict";

// A file of its own, because the content security policy forbids scripts within the page.
SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // Credentials that are typed in are forgotten with the page.
  persistAuthorization: false,
  // Unset, it would have documents checked by a service elsewhere.
  validatorUrl: null,
});
