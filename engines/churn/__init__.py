"""Who stops coming: shoppers without a contract, by a definition that is shown; and who came back."""
