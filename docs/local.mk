# Pages for users of container engines.
dist_doc_DATA = %D%/crio.md %D%/kubernetes.md
