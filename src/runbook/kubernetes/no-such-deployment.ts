/** What runs a service may be there and be no Deployment: nobody else is asked, for want of the right. */
export const NO_SUCH_DEPLOYMENT =
  'there is no such deployment (only Deployments are looked at: a StatefulSet or DaemonSet of that name is not one)'
