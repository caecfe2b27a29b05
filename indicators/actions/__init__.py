"""This app's writes: definitions, values, whole trees."""
