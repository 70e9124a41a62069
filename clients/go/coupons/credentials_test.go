package coupons_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/coupons"
)

func headers(t *testing.T, credential coupons.Credential) map[string]string {
	t.Helper()
	made, err := credential.Headers(t.Context(), "/a.B/C", []byte("body"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// verified returns the claims of a token that the key signed and that has not expired.
func verified(t *testing.T, token, key string) jwt.MapClaims {
	t.Helper()
	claims := jwt.MapClaims{}
	find := func(*jwt.Token) (any, error) { return []byte(key), nil }
	if _, err := jwt.ParseWithClaims(token, claims, find, jwt.WithValidMethods([]string{"HS256"})); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestReadyMadeCredentialsTravelAsTheyAre(t *testing.T) {
	if got := headers(t, apiKey); !maps.Equal(got, map[string]string{"x-api-key": key}) {
		t.Errorf("the API key sends %v", got)
	}
	got := headers(t, must(coupons.NewBearerToken("a.b.c")))
	if !maps.Equal(got, map[string]string{"authorization": "Bearer a.b.c"}) {
		t.Errorf("the bearer token sends %v", got)
	}
}

func TestMintedTokensSayWhoIsCalling(t *testing.T) {
	tenantToken := must(coupons.NewTenantToken(tenant, secret))
	for _, each := range []struct {
		credential coupons.Credential
		key        string
		want       map[string]any
	}{
		{must(coupons.NewAdminToken("key-1", key)), key, map[string]any{"sub_type": "admin", "sub_id": "key-1"}},
		{tenantToken, secret, map[string]any{"sub_type": "tenant", "sub_id": tenant}},
		{
			tenantToken.ForUser("ada"), secret,
			map[string]any{"sub_type": "tenant", "sub_id": tenant, "user_id": "ada"},
		},
	} {
		token, isBearer := strings.CutPrefix(headers(t, each.credential)["authorization"], "Bearer ")
		claims := verified(t, token, each.key)
		if lifetime := claims["exp"].(float64) - claims["iat"].(float64); lifetime != 600 {
			t.Errorf("%v lives for %v s", each.credential, lifetime)
		}
		delete(claims, "iat")
		delete(claims, "exp")
		if !isBearer || !maps.Equal(claims, each.want) {
			t.Errorf("%v claims %v, want %v", each.credential, claims, each.want)
		}
	}
}

func TestTokensAreRenewedBeforeTheyExpire(t *testing.T) {
	for _, each := range []struct{ lifetime, kept time.Duration }{
		// A tenth of the lifetime is left.
		{100 * time.Second, 90 * time.Second},
		// A second of a short one is.
		{5 * time.Second, 4 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			credential := must(coupons.NewTenantToken(tenant, secret, coupons.WithLifetime(each.lifetime)))
			first := must(credential.Token())
			time.Sleep(each.kept)
			if kept := must(credential.Token()); kept != first {
				t.Errorf("the token was replaced after %v of %v", each.kept, each.lifetime)
			}
			time.Sleep(time.Millisecond)
			if must(credential.Token()) == first {
				t.Errorf("the token was not replaced after %v of %v", each.kept, each.lifetime)
			}
		})
	}
}

func TestNoTokenIsSentInTheLastSecondOfItsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		credential := must(coupons.NewTenantToken(tenant, secret, coupons.WithLifetime(5500*time.Millisecond)))
		for range 1000 {
			claims := verified(t, must(credential.Token()), secret)
			expiry := must(claims.GetExpirationTime()).Time
			if left := time.Until(expiry); left < time.Second {
				t.Fatalf("%v are left", left)
			}
			time.Sleep(77 * time.Millisecond)
		}
	})
}

func TestATokenOfAUserHasTheLifetimeOfItsTenants(t *testing.T) {
	credential := must(coupons.NewTenantToken(tenant, secret, coupons.WithLifetime(time.Minute)))
	claims := verified(t, must(credential.ForUser("ada").Token()), secret)
	if lifetime := claims["exp"].(float64) - claims["iat"].(float64); lifetime != 60 {
		t.Errorf("it lives for %v s", lifetime)
	}
	if _, confined := verified(t, must(credential.Token()), secret)["user_id"]; confined {
		t.Error("the tenant's own token is confined too")
	}
}

func TestCallsAtOnceShareAToken(t *testing.T) {
	credential := must(coupons.NewAdminToken("key-1", key))
	tokens := make([]string, 50)
	var group sync.WaitGroup
	for i := range tokens {
		group.Go(func() { tokens[i] = must(credential.Token()) })
	}
	group.Wait()
	for _, token := range tokens {
		if token != tokens[0] {
			t.Fatal("two tokens were made")
		}
	}
}

func TestSecretsAreInNoTextForm(t *testing.T) {
	tenantToken := must(coupons.NewTenantToken(tenant, secret))
	adminToken := must(coupons.NewAdminToken("key-1", key))
	minted := []string{must(tenantToken.Token()), must(adminToken.Token())}
	hidden := append(minted, key, secret, "a.b.c")
	credentials := []coupons.Credential{
		apiKey, adminToken, tenantToken, tenantToken.ForUser("ada"),
		must(coupons.NewHMAC(tenant, secret)), must(coupons.NewBearerToken("a.b.c")),
	}
	for _, credential := range credentials {
		client := must(coupons.New("127.0.0.1:1", credential))
		defer client.Close()
		nested := struct{ inner coupons.Credential }{credential}
		for _, value := range []any{credential, nested, client} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				assertHides(t, fmt.Sprintf(verb, value), hidden)
			}
		}
		encoded := must(json.Marshal(credential))
		assertHides(t, string(encoded), hidden)
	}
}

func assertHides(t *testing.T, text string, hidden []string) {
	t.Helper()
	for _, secret := range hidden {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret)} {
			if strings.Contains(text, form) {
				t.Errorf("%s shows a secret", text)
			}
		}
	}
}

func TestCredentialsSayWhoseTheyAre(t *testing.T) {
	tenantToken := must(coupons.NewTenantToken("t-1", secret))
	for want, credential := range map[string]coupons.Credential{
		`APIKey`:                                apiKey,
		`BearerToken`:                           must(coupons.NewBearerToken("a.b.c")),
		`AdminToken(key id "key-1")`:            must(coupons.NewAdminToken("key-1", key)),
		`TenantToken(tenant "t-1")`:             tenantToken,
		`TenantToken(tenant "t-1", user "ada")`: tenantToken.ForUser("ada"),
		`HMAC(tenant "t-1")`:                    must(coupons.NewHMAC("t-1", secret)),
	} {
		if got := fmt.Sprint(credential); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestWhatCannotBeACredentialIsRefused(t *testing.T) {
	refused := map[string]error{}
	_, refused["the API key must not be empty"] = coupons.NewAPIKey("")
	_, refused["the API key must be printable ASCII without spaces"] = coupons.NewAPIKey(key + "\n")
	_, refused["the token must be printable ASCII without spaces"] = coupons.NewBearerToken("Bearer " + key)
	_, refused["the tenant id must not be empty"] = coupons.NewHMAC("", secret)
	_, refused["the API key must have at least 16 characters"] = coupons.NewAPIKey(strings.Repeat("k", 15))
	_, refused["the tenant secret must have at least 16 characters"] = coupons.NewTenantToken(tenant, "")
	_, refused["the lifetime must be at least 5s"] = coupons.NewAdminToken("key-1", key, coupons.WithLifetime(4999*time.Millisecond))
	short := strings.Repeat("é", 15)
	for _, err := range []error{
		second(coupons.NewTenantToken(tenant, short)), second(coupons.NewAdminToken("key-1", short)),
		second(coupons.NewHMAC(tenant, short)), second(coupons.NewHMAC(tenant, "")),
	} {
		if err == nil || !strings.Contains(err.Error(), "must have at least 16 characters") {
			t.Errorf("got %v", err)
		}
	}
	if _, err := coupons.NewHMAC(tenant, short+"s"); err != nil {
		t.Errorf("got %v", err)
	}
	nobody := must(coupons.NewTenantToken(tenant, secret)).ForUser("")
	_, refused["the user id must not be empty"] = nobody.Token()
	for want, err := range refused {
		if err == nil || err.Error() != "coupons: "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if sent, err := nobody.Headers(t.Context(), "/a.B/C", nil); err == nil {
		t.Errorf("a token for nobody sends %v", sent)
	}
}

func second[T any](_ T, err error) error { return err }
