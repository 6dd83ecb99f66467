"""Operations (`$name`): found by their row in `table`, each answered in a module of its own."""
