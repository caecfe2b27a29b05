"""Operations: whether the installation is alive and ready, its figures, its logs, and what a doctor would say of it."""
