"""`s3://BUCKET/PREFIX`: a bucket of S3, or of a server like it. Credentials and endpoint are those of AWS's tools."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from standoff.corpus.files import file_sha256
from standoff.errors import EnvironmentFault, how_to_install
from standoff.publish.built import MANIFEST, Built
from standoff.publish.target import Finding, PublishError, check_same, printable
from standoff.release.manifest import decode_manifest
from standoff.release.verify import Source
from standoff.text.counted import counted

CLAIM = ".publishing"
_BLOCK = 1 << 20


class S3Target:
    """Versions as folders in a bucket, each file written once (`If-None-Match: *`), the manifest last.

    Who publishes first puts a mark there that says what, so that of two with different content only one writes anything;
    whoever has the same content may finish it. The mark goes when the manifest is there.
    """

    def __init__(self, place: str) -> None:
        try:
            import s3fs
        except ImportError:
            raise EnvironmentFault(
                f"s3: what reads and writes buckets is not installed; {how_to_install('s3')}"
            ) from None
        self._place = place
        self._files = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)

    def look(self, built: Built) -> Finding:
        with self._asked():
            there = self._read(MANIFEST)
            claim = self._read(CLAIM)
            if there is not None:
                check_same(self._where, decode_manifest(there, f"{self._where}/{MANIFEST}"), built)
            elif claim not in {None, _mark(built)}:
                raise PublishError(
                    f"{self._where}: somebody else is publishing another {built.title}, or was interrupted; wait for them, or"
                    f" when nobody is at it any more, remove all under {self._where} and run this again"
                )
            found = {path[len(self._place) + 1 :] for path in self._files.find(self._place)} - {CLAIM}
        if there is None and (strange := sorted(found - set(built.paths))):
            raise PublishError(
                f"{self._where}: holds something that is no release ({printable(', '.join(strange[:3]))}); publish to another place"
            )
        missing = [path for path in built.paths if path not in found]
        # What somebody removed is put back, but not into another build of the same.
        if there is not None and (not missing or there != (built.folder / MANIFEST).read_bytes()):
            if claim is None:
                return Finding("there", public=True)
            return Finding("partial", public=True, steps=(f"remove {self._where}/{CLAIM}",))
        steps = (f"write {counted(len(missing), 'file')} to {self._where}, each once, {MANIFEST} last",)
        return Finding("partial" if found or claim else "absent", public=True, steps=steps)

    def put(self, built: Built) -> None:
        mark = _mark(built)
        if self.look(built).state == "there":
            return
        with self._asked():
            try:
                self._files.pipe_file(f"{self._place}/{CLAIM}", mark, mode="create")
            except OSError:
                if self._read(CLAIM) is None:
                    raise
            try:
                # Whose mark it is, and whether somebody finished since we looked.
                self.look(built)
                for path in built.paths:
                    self._write(built, path)
            except PublishError:
                if self._read(CLAIM) == mark and self._read(MANIFEST) is not None:
                    self._unclaim()
                raise
            self._unclaim()

    @contextmanager
    def source(self, built: Built) -> Iterator[Source]:
        yield Source(
            files={
                name: {split: [f"{self._where}/{path}" for path in built.parquet(name, split)] for split in splits}
                for name, splits in built.manifest.configurations.items()
            },
            # `datasets` takes a bucket for a place that may not be asked offline, whatever the Hub has to do with it.
            environment=dict.fromkeys(("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"), "0"),
        )

    @property
    def _where(self) -> str:
        return f"s3://{self._place}"

    def _read(self, path: str) -> bytes | None:
        try:
            raw: bytes = self._files.cat_file(f"{self._place}/{path}")
        except FileNotFoundError:
            return None
        return raw

    def _write(self, built: Built, path: str) -> None:
        if self._has(built, path):
            return
        try:
            self._files.put_file(str(built.folder / path), f"{self._place}/{path}", mode="create")
        except OSError:
            # Refused because it is there by now, or for want of room, rights or a network.
            if not self._has(built, path):
                raise

    def _has(self, built: Built, path: str) -> bool:
        """Whether the file is there. Raises PublishError when another file is."""
        try:
            with self._files.open(f"{self._place}/{path}", "rb") as file:
                digest = hashlib.sha256()
                while block := file.read(_BLOCK):
                    digest.update(block)
        except FileNotFoundError:
            return False
        if digest.hexdigest() != file_sha256(built.folder / path):
            raise PublishError(
                f"{self._where}/{path}: somebody else wrote another file here, and files are written once; remove all under"
                f" {self._where} if nobody needs it, or release under the next version"
            )
        return True

    def _unclaim(self) -> None:
        with suppress(FileNotFoundError):
            self._files.rm_file(f"{self._place}/{CLAIM}")

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """What the server refuses, in words that say what to do."""
        from botocore.exceptions import BotoCoreError, NoCredentialsError, PartialCredentialsError

        try:
            yield
        except FileNotFoundError:
            raise EnvironmentFault(f"{self._where}: there is no such bucket; make it first") from None
        except (PermissionError, NoCredentialsError, PartialCredentialsError) as error:
            raise EnvironmentFault(
                f"{self._where}: credentials are missing, or may not do this ({printable(str(error))}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or"
                " AWS_PROFILE"
            ) from None
        except (OSError, BotoCoreError) as error:
            raise EnvironmentFault(
                f"{self._where}: {printable(str(error))}; run this again when that is mended"
            ) from None


def _mark(built: Built) -> bytes:
    return file_sha256(built.folder / MANIFEST).encode() + b"\n"
