# Pages for users of container engines.
dist_doc_DATA = %D%/crio.md %D%/kubernetes.md

# ... of clients, virtual machines and swtpm.
dist_doc_DATA += %D%/clients.md %D%/from-swtpm.md %D%/virtual-machine.md
