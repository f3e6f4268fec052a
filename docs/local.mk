# Pages for users of container engines.
dist_doc_DATA = %D%/containerd.md %D%/crio.md %D%/docker.md %D%/engines.md %D%/kubernetes.md %D%/podman.md %D%/runc.md

# ... of appliances, attestation, services, clients, virtual machines and swtpm.
dist_doc_DATA += %D%/appliance.md %D%/attestation.md %D%/clients.md %D%/from-swtpm.md %D%/service.md %D%/trouble.md %D%/virtual-machine.md
