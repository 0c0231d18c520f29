"""The collector: intake on a real store, the lease between processes, HTTP on a real socket."""
