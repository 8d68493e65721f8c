"""`python -m filrouge` is the same command as `filrouge`."""

from filrouge.cli import main

if __name__ == "__main__":
    main()
