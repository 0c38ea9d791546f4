"""core DECIDES: values in, values out; no clock, no files, no library with I/O."""
