"""The rules that hold for this installation: the seeds that ship, those of its profile and its own."""

from d365_pm.contracts.seed_files import read_seeds
from d365_pm.contracts.seed_spec import Seed
from d365_pm.contracts.seeds import SEEDS
from d365_pm.paths import sql_root
from d365_pm.settings import Settings


def read_rules(settings: Settings) -> tuple[Seed, ...]:
    """Every seed, each from `D365_PM_SEEDS_DIR` if it is there, else from the profile's folder.

    Raises:
        SeedError: A file is missing, unknown or breaks its promise.
    """
    return read_seeds(sql_root() / "seeds", SEEDS, profile=settings.profile_dir, overrides=settings.seeds_dir)
