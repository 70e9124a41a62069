"""Messages of the contract to values of the domain and back, a module per resource."""
