"""Files of one folder of the board's filesystem, read whole, and replaced whole or not at all; touches files only."""

import os


class Files:
    """Where the board starts, unless told."""

    def __init__(self, folder=""):
        self.folder = folder

    def open(self, name, mode):
        """Open a file."""
        return open(self.folder + name, mode)

    def rename(self, old, new):
        """Let a file have the name of another one, in whose place it is then; on littlefs no power cut divides that."""
        os.rename(self.folder + old, self.folder + new)

    def stands(self, name):
        """Return whether there is a file of that name."""
        try:
            os.stat(self.folder + name)
        except OSError:
            return False
        return True

    def remove(self, name):
        """Remove a file."""
        os.remove(self.folder + name)

    def read(self, name):
        """Return what a file holds, None if it can not be read."""
        try:
            with self.open(name, "rb") as file:
                return file.read()
        except OSError:
            return None

    def replace(self, name, data):
        """Let a file hold `data`; return whether it does. Power that goes leaves the file before or this one."""
        new = name + ".new"
        try:
            with self.open(new, "wb") as file:
                file.write(data)
            if self.read(new) != data:
                return False
            self.rename(new, name)
        except OSError:
            return False
        return True
