"""The plain way without log records, which in Filrouge are the collector's to make."""

from benchmarks.services.consumers.plain import main

if __name__ == "__main__":
    main(with_log=False)
