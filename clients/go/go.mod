module github.com/phoenix-coupons/phoenix-coupons/clients/go

go 1.26
