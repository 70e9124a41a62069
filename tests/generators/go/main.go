// Redeems the demo tenant's code with the client that oapi-codegen makes of the contract.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/google/uuid"

	"github.com/phoenix-coupons/phoenix-coupons/tests/generators/go/build/api"
)

func main() {
	bearer := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("COUPONS_TOKEN"))
		return nil
	}
	client, err := api.NewClientWithResponses(os.Getenv("COUPONS_REST_URL"), api.WithRequestEditorFn(bearer))
	if err != nil {
		log.Fatal(err)
	}
	tenant := uuid.MustParse(os.Getenv("COUPONS_TENANT_ID"))
	for _, code := range []string{"WELCOME", "NO-SUCH-CODE"} {
		params := api.RedeemCouponParams{}
		body := api.RedeemCouponInput{UserId: "alice"}
		answer, err := client.RedeemCouponWithResponse(context.Background(), tenant, code, &params, body)
		if err != nil {
			log.Fatal(err)
		}
		switch {
		case answer.JSON200 != nil:
			fmt.Println("granted:", answer.JSON200.RewardItem.Name)
		case answer.JSON404 != nil:
			fmt.Println("refused:", answer.JSON404.Code)
		default:
			log.Fatal(answer.Status())
		}
	}
}
