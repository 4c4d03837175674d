"""What people are likely to do: buy or visit within 30 days, open or answer a message within 90."""
