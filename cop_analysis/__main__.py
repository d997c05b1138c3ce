"""`python -m cop_analysis` is `cop`."""

from cop_analysis.cli import main

if __name__ == "__main__":
    main()
